/** The public API of Tributary. Nothing here touches a GPU, a worker or a file before an engine is created. */
export type { Backend as Engine, BackendName, Plan } from './backend/backend.js';
export { DeviceArray, type KernelCall, type KernelContract } from './backend/kernel.js';
export { KERNELS, type KernelName } from './backend/kernels.js';
export { Trace } from './backend/trace.js';
export { AmbientLift } from './data/ambient.js';
export { type Dataset, datasetFromPoints, trainingSet } from './data/dataset.js';
export type { Distribution, LabelledPoints } from './data/distribution.js';
export { GaussianMixture } from './data/mixture.js';
export { distributionByName, distributionNames } from './data/registry.js';
export { backendNames, createEngine, type EngineOptions } from './engine.js';
export { type ErrorCode, TributaryError } from './errors.js';
export {
  type Family,
  familyByName,
  familyNames,
  type Head,
  type InterpolantConfig,
} from './families/family.js';
export { Model } from './families/model.js';
export { decodeCsv, encodeCsv } from './formats/csv.js';
export { decodeNpy, encodeNpy } from './formats/npy.js';
export { decodeSafetensors, encodeSafetensors } from './formats/safetensors.js';
export { gammaByName, gammaNames } from './interpolant/gammas.js';
export { gaussianBaseOracle, MixtureOracle, memorisingOracle } from './interpolant/oracle.js';
export { pathByName, pathNames } from './interpolant/paths.js';
export { type Schedule, scheduleByName } from './interpolant/schedule.js';
export { type Evaluation, type EvaluationInput, evaluateSamples } from './metrics/evaluate.js';
export type { Metric } from './metrics/truth.js';
export { type MlpConfig, STANDARD_MLP } from './nn/mlp.js';
export { DEFAULT_OPTIMIZER, type OptimizerConfig } from './nn/schedule.js';
export { CounterRandom, STREAM } from './random/random.js';
export { renderReport } from './report/render.js';
export type { ReportInput } from './report/types.js';
export { sdeTerms } from './samplers/diffusion.js';
export { type HostField, integrate } from './samplers/integrate.js';
export { ParticlePlayer, type PlayerView } from './samplers/player.js';
export { type SampleOptions, Sampler, type Samples } from './samplers/sampler.js';
export { type Solver, solverByName, solverNames } from './samplers/solvers.js';
export { type SolverTable, solverTable, uniformGrid } from './samplers/table.js';
export {
  decodeTrainingState,
  encodeModel,
  encodeTrainingState,
  loadModel,
} from './train/checkpoint.js';
export { checkRunConfig, type RunConfig, type Transform } from './train/config.js';
export { defaultTransform, type RunOptions, runConfig } from './train/defaults.js';
export { ExcessMonitor, type ExcessRecord } from './train/excess.js';
export { type StepRecord, Trainer, type TrainingState } from './train/trainer.js';
export type { VerifyRow } from './verify/kernels.js';
export { type VerifyReport, verify } from './verify/verify.js';

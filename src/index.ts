/** The public API of Tributary. Nothing here touches a GPU, a worker or a file before an engine is created. */
export type {
  Backend as Engine,
  BackendName,
  KernelChoice,
  KernelProfile,
  Plan,
} from './backend/backend.js';
export { DeviceArray, type KernelCall, type KernelContract } from './backend/kernel.js';
export { KERNELS, type KernelName } from './backend/kernels.js';
export { Trace } from './backend/trace.js';
export { simdSupported } from './cpu/simd/support.js';
export { AmbientLift } from './data/ambient.js';
export { canonicalOrder, orderedRows, type Rows } from './data/canonical.js';
export { type Dataset, datasetFromPoints, trainingSet } from './data/dataset.js';
export type { Distribution, LabelledPoints } from './data/distribution.js';
export { spreadLabels } from './data/labels.js';
export { GaussianMixture } from './data/mixture.js';
export { distributionByName, distributionNames } from './data/registry.js';
export { toData, toNetwork, type Units } from './data/units.js';
export { backendNames, createEngine, type EngineOptions } from './engine.js';
export { type ErrorCode, TributaryError } from './errors.js';
export { ExcessMonitor, type ExcessRecord, type UnlabelledExcess } from './families/interpolant/excess.js';
export type { InterpolantFamily } from './families/interpolant/recipe.js';
export type { InterpolantRun, InterpolantSettings } from './families/interpolant/settings.js';
export { defineFamily, type OwnFamily } from './families/own.js';
export {
  asInterpolant,
  familyByName,
  familyGrid,
  familyNames,
  interpolantByName,
  interpolantNames,
  isInterpolant,
} from './families/registry.js';
export { buildModel } from './families/shape.js';
export { type CsvOptions, type CsvTable, decodeCsv } from './formats/csv.js';
export { type CsvReading, readingText } from './formats/csv_header.js';
export { encodeCsv } from './formats/csv_write.js';
export { decodeNpy, encodeNpy } from './formats/npy.js';
export { decodeSafetensors, encodeSafetensors } from './formats/safetensors.js';
export {
  batchingNames,
  couplingNames,
  DEFAULT_INTERPOLANT,
  INTERPOLANT_SETTINGS,
  type InterpolantConfig,
  scheduleOf,
  timeDistributionNames,
  weightingNames,
} from './interpolant/config.js';
export { type CustomGamma, type CustomPath, customGamma, customPath } from './interpolant/custom.js';
export { gammaByName, gammaNames } from './interpolant/gammas.js';
export { type GridName, type GridOptions, gridNames, timeGrid, uniformGrid } from './interpolant/grids.js';
export {
  type Conversion,
  convert,
  denoiserFromScore,
  driftFromVelocityAndDenoiser,
  type Head,
  headByName,
  headNames,
  scoreFromDenoiser,
  type Values,
  valuesOf,
  velocityFromDriftAndDenoiser,
  velocityFromDriftAndScore,
} from './interpolant/heads.js';
export { gaussianBaseOracle, MixtureOracle, memorisingOracle } from './interpolant/oracle.js';
export { type Path, type PathOptions, pathByName, pathNames } from './interpolant/paths.js';
export { makeSchedule, type Schedule, scheduleByName } from './interpolant/schedule.js';
export { flowGrid } from './likelihood/flow.js';
export { FlowDensity, type FlowDensityOptions, type FlowPoints } from './likelihood/flow_density.js';
export { flowLikelihood, samplesWithLogDensity } from './likelihood/flow_likelihood.js';
export { gaussianLogDensity, type HostFlow, integrateLogDensity } from './likelihood/host_density.js';
export { klBound, optimalDiffusion } from './likelihood/kl_bound.js';
export { networkBound } from './likelihood/network_bound.js';
export { type SdeBoundOptions, sdeBound, type VelocityAtRows } from './likelihood/sde_bound.js';
export {
  type Evaluation,
  type EvaluationInput,
  type EvaluationStep,
  evaluateSamples,
  evaluationSteps,
} from './metrics/evaluate.js';
export type { Metric } from './metrics/truth.js';
export type {
  Family,
  FamilyGroup,
  LikelihoodMethod,
  LikelihoodOptions,
} from './model/family.js';
export { familyGroups } from './model/family.js';
export {
  type Generator,
  type GeneratorOptions,
  isStepwise,
  type StepwiseGenerator,
} from './model/generator.js';
export { type Likelihood, type LikelihoodSummary, summariseLikelihood } from './model/likelihood.js';
export { alike, Model, type ModelShape } from './model/model.js';
export type { Monitor, Phase, Source, Stage, Started, Step, Trained } from './model/phase.js';
export type { DataScale, NetworkShape, RunConfig } from './model/run_config.js';
export type { SampleOptions, Samples } from './model/samples.js';
export { networkOf } from './model/shape.js';
export { type MlpConfig, NETWORK_SETTINGS, STANDARD_MLP } from './nn/mlp.js';
export * as ops from './nn/ops.js';
export { DEFAULT_OPTIMIZER, OPTIMIZER_SETTINGS, type OptimizerConfig } from './nn/schedule.js';
export { CounterRandom, STREAM } from './random/random.js';
export { renderReport } from './report/render.js';
export type { ReportInput } from './report/types.js';
export { parametersOf, withParameters } from './run/budget.js';
export { checkRunConfig } from './run/config.js';
export { parseRunConfig } from './run/config_file.js';
export { Course, type Saved } from './run/course.js';
export { createTrainer, monitorOf } from './run/create_trainer.js';
export { dataScale, defaultTransform, type RunOptions, runConfig } from './run/defaults.js';
export { RUN_SETTINGS } from './run/run_settings.js';
export { type Place, placeOf, sampledConfig, stagesOf, stepsOf, totalSteps } from './run/stages.js';
export {
  likelihoodMethod,
  loadModel,
  modelConfig,
  noLikelihood,
  openModel,
  TrainedModel,
} from './run/trained.js';
export { type AdaptiveOptions, AdaptiveSampler, integrateAdaptive } from './samplers/adaptive.js';
export { type Diffusion, type DiffusionName, diffusionNames, diffusionOf } from './samplers/diffusion.js';
export type { Tolerance } from './samplers/dopri5.js';
export { type Field, type FieldAt, fieldOf } from './samplers/field.js';
export { gradedGrid, halvedGrid } from './samplers/graded.js';
export { type HostDraw, type HostDrawn, HostGenerator } from './samplers/host.js';
export { type HostField, integrate } from './samplers/integrate.js';
export { rescheduled } from './samplers/one_sided.js';
export { adaptiveSampling, type SamplingOptions, samplingField, samplingTable } from './samplers/plan.js';
export {
  HostParticlePlayer,
  ParticlePlayer,
  type PlayerView,
  type PlayerViewTarget,
} from './samplers/player.js';
export { type Drawing, RecordedGenerator } from './samplers/recorded.js';
export { particleTile, Sampler } from './samplers/sampler.js';
export type { Solver } from './samplers/solver.js';
export { solverByName, solverNames, tableSolverNames } from './samplers/solvers.js';
export { type Stirring, stirring } from './samplers/stirring.js';
export { type SolverTable, solverTable } from './samplers/table.js';
export { lastStepNames, type TableOptions } from './samplers/table_options.js';
export {
  checkGiven,
  checkSetting,
  checkSettings,
  choicesOf,
  completeSettings,
  type Description,
  entriesOf,
  type Setting,
  type Settings,
  type SettingsOf,
  settingFromText,
  usualOf,
} from './settings.js';
export { helpLine, helpOf, jsonSchemaOf, settingsTable } from './settings_help.js';
export {
  decodeTrainingState,
  encodeModel,
  encodeTrainingState,
  restoreModel,
} from './train/checkpoint.js';
export { FixedBatch, type FixedPairs } from './train/fixed_batch.js';
export type { Learner, StepRecord, TrainingState } from './train/learner.js';
export { Trainer } from './train/trainer.js';
export type { VerifyRow } from './verify/kernels.js';
export { type VerifyReport, verify } from './verify/verify.js';

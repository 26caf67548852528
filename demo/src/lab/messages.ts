import type { Evaluation, ExcessRecord, VerifyReport, VerifyRow } from 'tributary-engine';
import type { BackendChoiceName } from './names.js';
import type { ModelChoice, SampleChoice } from './recipe.js';

/** A run's history as charts show it. */
export interface History {
  /** [step, loss of each head summed] */
  readonly loss: [number, number][];
  readonly excess: ExcessRecord[];
  readonly evaluation: { readonly step: number; readonly result: Evaluation } | null;
  /** ½E|b_mem − b|²: what memorising costs. */
  readonly memorising: number | null;
}

/** A model to begin from. */
export interface Saved {
  readonly step: number;
  /** `encodeTrainingState` where it is whole, else `encodeModel`. */
  readonly bytes: Uint8Array;
  readonly whole: boolean;
  /** The model that the round before has ended with, in a family that reflows. */
  readonly before?: Uint8Array | null;
  readonly history: History;
}

export type ToTrainer =
  | {
      readonly type: 'open';
      readonly run: number;
      readonly backend: BackendChoiceName;
      readonly choice: ModelChoice;
      readonly saved: Saved | null;
    }
  | { readonly type: 'run'; readonly until: number }
  | {
      readonly type: 'judge';
      readonly job: number;
      readonly choice: ModelChoice;
      readonly points: Float64Array;
    }
  | { readonly type: 'pause' };

export type FromTrainer =
  | {
      readonly type: 'opened';
      readonly run: number;
      readonly device: string;
      readonly parameters: number;
      readonly step: number;
      readonly memorising: number | null;
    }
  | {
      readonly type: 'progress';
      readonly run: number;
      readonly step: number;
      readonly loss: [number, number][];
      readonly rate: number;
    }
  | { readonly type: 'excess'; readonly run: number; readonly record: ExcessRecord }
  | { readonly type: 'model'; readonly run: number; readonly step: number; readonly bytes: Uint8Array }
  | { readonly type: 'evaluation'; readonly run: number; readonly step: number; readonly result: Evaluation }
  | {
      readonly type: 'state';
      readonly run: number;
      readonly step: number;
      readonly bytes: Uint8Array;
      readonly before: Uint8Array | null;
    }
  | { readonly type: 'stopped'; readonly run: number; readonly step: number }
  | { readonly type: 'error'; readonly run: number; readonly code: string; readonly message: string };

/** What {@link ToTrainer}'s `judge` is answered with. */
export interface FromJudge {
  readonly type: 'judged';
  readonly job: number;
  readonly result: Evaluation | null;
  /** Why there is no result. */
  readonly message: string;
}

export type ToSampler =
  | { readonly type: 'model'; readonly choice: ModelChoice; readonly bytes: Uint8Array }
  | { readonly type: 'sample'; readonly job: number; readonly choice: SampleChoice }
  | {
      readonly type: 'field';
      readonly job: number;
      readonly t: number;
      readonly points: Float64Array;
      readonly label: number;
    }
  | { readonly type: 'stop' };

export type FromSampler =
  | { readonly type: 'device'; readonly device: string }
  | {
      readonly type: 'frame';
      readonly job: number;
      readonly step: number;
      readonly times: Float64Array;
      readonly noise: Float64Array;
      readonly jumps: boolean;
      readonly points: Float32Array;
    }
  | { readonly type: 'field'; readonly job: number; readonly velocity: Float64Array }
  | { readonly type: 'error'; readonly job: number; readonly code: string; readonly message: string };

export type ToChecker = { readonly type: 'verify'; readonly backend: BackendChoiceName };

export type FromChecker =
  | { readonly type: 'row'; readonly row: VerifyRow }
  | { readonly type: 'report'; readonly report: VerifyReport }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

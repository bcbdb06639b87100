/** What a run tells while it goes: a name for programs, a line for people, and what belongs to it. */
export interface BatchEvent {
  readonly level: 'info' | 'warning' | 'error';
  readonly event:
    | 'started'
    | 'plan'
    | 'reading-again'
    | 'warning'
    | 'file-failed'
    | 'file-gone'
    | 'slices-damaged'
    | 'clock-went-back'
    | 'identity-changed'
    | 'left-out'
    | 'no-events'
    | 'no-evidence'
    | 'rule-expired'
    | 'rules-look-up'
    | 'correlated'
    | 'finished';
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** How far the reading of files is. */
export interface BatchProgress {
  readonly files: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly bytesDone: number;
  readonly rowsKept: number;
  /** Since the reading began. */
  readonly seconds: number;
}

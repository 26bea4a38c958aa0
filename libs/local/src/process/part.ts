/** A long-running program that runs as a child of this process. */
export interface Part {
  pid: number;
  /** Ends it in an orderly way and resolves once it has ended. May be called again. */
  stop(): Promise<void>;
  /** Resolves with one line when it ends without a call of `stop`; else never. */
  died: Promise<string>;
}

/** One program of the infrastructure that runs as a child of ours. */
export interface Part {
  pid: number;
  /** Ends it in an orderly way and returns once it is gone. May be called again. */
  stop(): Promise<void>;
  /** Settles with one line when it ends without `stop` having been called; else never. */
  died: Promise<string>;
}

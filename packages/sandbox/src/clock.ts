/** Called after the clock was moved, with the time that it shows now. */
export type ClockListener = (now: Date) => void | Promise<void>;

/** From `since` on, by the clock beneath, this one shows `shows`, and goes on from there or stands still. */
interface Stretch {
  readonly since: number;
  readonly shows: number;
  readonly frozen: boolean;
}

/**
 * The sandbox's time: that of the machine until somebody moves or stops it, and
 * again after a restart.
 *
 * Everything that happens in the sandbox happens at {@link now}: dates, condition
 * keys, the expiry of sessions, retention and lifecycle. Whoever signs a request
 * does so by a clock of their own, which nobody moves, so a signature in headers
 * is judged by {@link baseTime}. A presigned URL is as old as {@link elapsedSince}
 * says: moving the clock ahead by an hour makes URLs signed before an hour
 * older, and those signed afterwards not.
 */
export class Clock {
  readonly #base: () => Date;
  readonly #listeners: ClockListener[] = [];
  readonly #stretches: Stretch[] = [];

  constructor(base: () => Date = () => new Date()) {
    this.#base = base;
  }

  now(): Date {
    return new Date(this.#at(this.#base().getTime(), this.#stretches.at(-1)));
  }

  /** The time of the machine, by which senders sign. */
  baseTime(): Date {
    return this.#base();
  }

  get frozen(): boolean {
    return this.#stretches.at(-1)?.frozen ?? false;
  }

  /** Moves the clock ahead; returns when every listener has done what became due. */
  async advance(milliseconds: number): Promise<void> {
    await this.set(new Date(this.now().getTime() + milliseconds));
  }

  /** Sets the clock, also to the past; returns when every listener has done what became due. */
  async set(time: Date): Promise<void> {
    this.#begin(time.getTime(), this.frozen);
    for (const listener of this.#listeners) await listener(this.now());
  }

  /** Stops the clock at the time it shows, or lets it run on from there. */
  setFrozen(frozen: boolean): void {
    if (frozen !== this.frozen) this.#begin(this.now().getTime(), frozen);
  }

  onAdvance(listener: ClockListener): void {
    this.#listeners.push(listener);
  }

  /**
   * How many milliseconds have passed on this clock since a signature was made,
   * by the clock beneath; negative when it lies ahead of that.
   *
   * Signatures know whole seconds only: one made in the second in which the clock
   * was moved counts as made before.
   */
  elapsedSince(signedAt: Date): number {
    const base = this.#base().getTime();
    const time = signedAt.getTime();
    if (time > base) return base - time;
    const stretch = this.#stretches.findLast(({ since }) => nextSecond(since) <= time);
    return this.now().getTime() - this.#at(time, stretch);
  }

  /** When a signature made now is sure to count as made after the last time the clock was moved. */
  settledAt(): Date {
    return new Date(nextSecond(this.#stretches.at(-1)?.since ?? 0));
  }

  #begin(shows: number, frozen: boolean): void {
    this.#stretches.push({ since: this.#base().getTime(), shows, frozen });
  }

  #at(baseTime: number, stretch: Stretch | undefined): number {
    if (!stretch) return baseTime;
    return stretch.frozen ? stretch.shows : stretch.shows + baseTime - stretch.since;
  }
}

function nextSecond(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000) * 1000;
}

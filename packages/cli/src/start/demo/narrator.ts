import { style, verdictMark } from '../../terminal/style.ts';
import { formatDuration } from '../../terminal/table.ts';

/** Tells the demo: a numbered title, lines of what happened, and how long each step took. */
export class Narrator {
  #number = 0;
  readonly #began = performance.now();

  async step<T>(title: string, act: () => Promise<T>): Promise<T> {
    this.#number += 1;
    console.log(`\n${style('bold', `${this.#number}. ${title}`)}`);
    const began = performance.now();
    const result = await act();
    console.log(style('dim', `   ${formatDuration(performance.now() - began)}`));
    return result;
  }

  say(text: string): void {
    for (const line of text.split('\n')) console.log(`   ${line}`);
  }

  proved(text: string): void {
    this.say(`${verdictMark('passed')} ${text}`);
  }

  end(text: string): void {
    const took = formatDuration(performance.now() - this.#began);
    console.log(`\n${verdictMark('passed')} ${style('bold', text)} in ${took}`);
  }
}

/** What the demo claims, or the demo fails with the claim. */
export function claim(holds: boolean, text: string): asserts holds {
  if (!holds) throw new Error(`The demo does not hold: ${text}`);
}

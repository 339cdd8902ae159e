import { style } from './style.ts';

export interface ProgressBar {
  /** @param fraction 0 to 1; what lies outside counts as the nearest of these. */
  update(fraction: number, label: string): void;
  /** Clears the bar; plain lines stay. */
  end(): void;
}

const barWidth = 28;

/** How far apart plain lines are at least, so that a log is not flooded. */
const plainEveryMs = 2000;

/** A bar that redraws itself on a terminal, and a line now and then elsewhere. */
export function progressBar(out: NodeJS.WriteStream = process.stderr): ProgressBar {
  return out.isTTY ? drawnBar(out) : plainLines(out);
}

function drawnBar(out: NodeJS.WriteStream): ProgressBar {
  return {
    update(fraction, label) {
      const full = Math.round(within(fraction) * barWidth);
      const bar =
        style('cyan', '█'.repeat(full), out) + style('dim', '░'.repeat(barWidth - full), out);
      const text = label.slice(0, Math.max(0, (out.columns ?? 80) - barWidth - 6));
      out.write(`\r\x1b[2K  ${bar}  ${text}`);
    },
    end: () => void out.write('\r\x1b[2K'),
  };
}

function plainLines(out: NodeJS.WriteStream): ProgressBar {
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    update(fraction, label) {
      const now = performance.now();
      if (now - lastAt < plainEveryMs) return;
      lastAt = now;
      const percent = String(Math.round(within(fraction) * 100)).padStart(3);
      out.write(`  ${percent} %  ${label}\n`);
    },
    end: () => {},
  };
}

function within(fraction: number): number {
  return Math.min(Math.max(fraction, 0), 1);
}

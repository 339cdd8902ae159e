import { type Figure, round2 } from '../figure.ts';
import { csvGzip, type Form, parquet } from './form.ts';
import { type DeliveryStage, memoryLimitMb, openDeliveryStage } from './stage.ts';
import { lineitem, usualMillions } from './tables.ts';

/** Those that keep most in memory: row groups of Parquet, blocks that are compressed side by side. */
const forms = [parquet, csvGzip];

/**
 * The most memory that worker, its children and the database take at once, for ten million
 * rows and for a hundred. Watching slows what is watched, so nothing is timed here.
 */
export async function benchMemory(): Promise<Figure[]> {
  const few = await lineitem(usualMillions);
  const many = await lineitem(usualMillions * 10);
  const stage = await openDeliveryStage();
  try {
    const figures: Figure[] = [];
    for (const form of forms) figures.push(...(await growth(stage, form, few, many)));
    return figures;
  } finally {
    await stage.close();
  }
}

async function growth(
  stage: DeliveryStage,
  form: Form,
  few: string,
  many: string,
): Promise<Figure[]> {
  // What is loaded once and kept is there before both.
  await stage.peakMemoryMb(few, form);
  const ofFew = await stage.peakMemoryMb(few, form);
  const ofMany = await stage.peakMemoryMb(many, form);
  return [
    {
      figure: `delivery.memory.${form.name}.beyond_limit`,
      value: Math.round(ofFew - memoryLimitMb),
      unit: 'MB',
      target: '<= 450',
      details: { total: Math.round(ofFew), memoryLimitMb, millions: usualMillions },
    },
    {
      figure: `delivery.memory.${form.name}.ten_times_the_rows`,
      value: round2(ofMany / ofFew),
      unit: 'x',
      target: '<= 1.1',
      details: { megabytes: [Math.round(ofFew), Math.round(ofMany)] },
    },
  ];
}

import { groups } from './groups.ts';
import { runTogether } from './run-together.ts';

runTogether(groups.pushes);

import { operations } from '@causeway/contract';
import { implement } from '@orpc/server';
import type { OperationContext } from '../operation-context.ts';

/** Binds handlers to the operations of the contract, which fixes their types. */
export const api = implement(operations).$context<OperationContext>();

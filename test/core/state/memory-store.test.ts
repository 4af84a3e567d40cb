import { MemoryStore } from '../../../core/state/memory-store.ts';
import { storeSuite } from '../../conformance/store.ts';

storeSuite('the memory store', async () => new MemoryStore());

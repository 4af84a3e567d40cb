import { forgeSuite } from '../../conformance/forge.ts';
import { forgeWorld } from './forge-world.ts';

forgeSuite('git (native)', () => forgeWorld('native'));
forgeSuite('git (isomorphic)', () => forgeWorld('isomorphic'));

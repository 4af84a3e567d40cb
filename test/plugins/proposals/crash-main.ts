/** Tells a story of a proposal, and is killed before a step of that name: `crash-main.ts FOLDER STEP WHICH STORY`. */
import { approvalGates, openGitWorld } from './proposal-world.ts';
import { type StoryName, stories } from './whole-story.ts';

const [folder = '', step = '', which = '', story = 'whole'] = process.argv.slice(2);
let count = 0;
const world = await openGitWorld(folder);
const engine = await world.engine({
  extraGates: approvalGates,
  onStep(name) {
    if (name === step) count += 1;
    if (name !== step || count !== Number(which)) return;
    process.kill(process.pid, 'SIGKILL');
  },
});
await stories[story as StoryName](world, engine);
await world.close();

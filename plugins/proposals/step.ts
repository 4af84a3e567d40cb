/**
 * Is told of each step before it is taken, by name. A step leaves something behind that outlives the process; between any
 * two of them the process may be killed, which is what tests do here.
 */
export type OnStep = (step: Step) => void | Promise<void>;

export type Step =
  | 'write intent'
  | 'look for proposal'
  | 'open proposal'
  | 'update proposal'
  | 'add label'
  | 'record opened'
  | 'remove intent'
  | 'comment'
  | 'report'
  | 'record judged'
  | 'keep judgement'
  | 'keep merge'
  | 'merge'
  | 'record merged'
  | 'close'
  | 'record closed'
  | 'forget proposal';

/** What is no request of HTTP, or does not come whole: what is wrong with it, and how that is said where no handler was reached. */
export { closingAnswer } from './closing-answer.ts';
export { hostProblem, isHost } from './host.ts';
export { malformedHttp, timedOutHttp, UnreadHttpError, unreadHttp } from './unread-http-error.ts';

/**
 * Whether a stream has changed, one value after the other. `anytimeAlarm` bounds the chance of any false alarm ever; ADWIN,
 * Page–Hinkley and DDM are the known detectors without that. docs/drift says when to use which.
 */
export { type AdwinOptions, type AdwinState, adwin } from './adwin.ts';
export { type AnytimeAlarmOptions, type AnytimeAlarmState, anytimeAlarm } from './anytime-alarm.ts';
export { type DdmOptions, type DdmState, ddm } from './ddm.ts';
export { ChangeDetectionError, type Detector, type Signal } from './detector.ts';
export { type PageHinkleyOptions, type PageHinkleyState, pageHinkley } from './page-hinkley.ts';

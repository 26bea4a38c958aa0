export * from './answers.js';
export { copyOf, EventTap, type EventTapOptions, type TapRecord, type TappedEvent } from './event-tap.js';
export { eventually } from './eventually.js';
export { type Answer, demand, everyItem, HttpError, type HttpRequest, type Page, request } from './http.js';
export { inParallel } from './in-parallel.js';
export {
  type ProgramName,
  programNames,
  type ServiceName,
  serviceNames,
  type ServiceUrls,
  urlsFrom,
  USUAL_CONSOLE_PORT,
  usualPorts,
} from './services.js';
export { type ReadFrame, StreamReader } from './stream-reader.js';
export { completeOrder, SystemClient } from './system-client.js';

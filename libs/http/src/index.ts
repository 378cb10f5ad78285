export { createHttpServer, type HttpOptions, httpLimits } from './create-server.ts';
export { problemOf } from './problem-of.ts';
export { type Served, serve } from './serve.ts';

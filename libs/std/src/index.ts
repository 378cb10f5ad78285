export { AssertionError, assert, unreachable } from './assert.ts';
export type { Brand } from './brand.ts';
export { type Clock, systemClock } from './clock.ts';
export type { Disk, DiskFile, OpenOptions } from './disk.ts';
export { type ErrorKind, OperationalError, messageOf } from './operational-error.ts';
export { type Random, systemRandom } from './random.ts';
export { systemDisk } from './system-disk.ts';

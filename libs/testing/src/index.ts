export {
  type CertificateRequest,
  createAuthority,
  type IssuedCertificate,
  type TestAuthority,
} from './certificates.ts';
export { seededRandom } from './seeded-random.ts';
export { type CrashOutcome, type DiskOperation, SimulatedCrash, SimulatedDisk } from './simulated-disk.ts';
export type { Keep } from './simulated-file.ts';
export { VirtualClock } from './virtual-clock.ts';

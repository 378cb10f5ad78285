import { SettingsError } from '@millrace/config';
import { securityProblems } from './security.ts';
import type { SecuritySettings } from './security-settings.ts';

/**
 * Where the settings are read, so that the broker's thread need not load what reading them takes.
 *
 * @throws SettingsError with every setting that is missing beside the others
 */
export function checkSecurity(settings: SecuritySettings): void {
  const problems = securityProblems(settings);
  if (problems.length > 0) throw new SettingsError(problems);
}

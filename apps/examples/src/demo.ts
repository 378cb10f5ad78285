import { readFile } from 'node:fs/promises';
import { type Log, type RunningPlugins, type RunOptions, runPlugins } from '@millrace/plugin';
import { creditCheck } from './credit-check.ts';
import { notification } from './notification.ts';

export interface DemoModel {
  readonly fileName: string;
  readonly xml: string;
}

/** The process models of the demo, to deploy. */
export async function demoModels(): Promise<DemoModel[]> {
  return await Promise.all(
    ['onboarding.bpmn'].map(async (fileName) => ({
      fileName,
      xml: await readFile(new URL(`../models/${fileName}`, import.meta.url), 'utf8'),
    })),
  );
}

export interface DemoOptions {
  readonly brokers: readonly string[];
  readonly namespace?: string;
  /** TLS and SASL, for brokers that ask for them. */
  readonly kafka?: NonNullable<RunOptions['kafka']>;
  readonly log?: Log;
  /** Takes what the notification plugin delivers. Default: standard output. */
  readonly deliver?: (line: string) => void;
  /** Only these types; the others may be run in another language. Default: all. */
  readonly types?: readonly string[];
}

/** Runs the plugins that the demo's processes need. */
export function startDemo(options: DemoOptions): RunningPlugins {
  const { types, deliver = (line) => console.log(line), ...runOptions } = options;
  const plugins = [creditCheck, notification(deliver)];
  return runPlugins({ ...runOptions, plugins: plugins.filter(({ type }) => types?.includes(type) ?? true) });
}

/** The job types that the demo has plugins for. */
export const demoTypes: readonly string[] = [creditCheck, notification(() => undefined)].map(({ type }) => type);

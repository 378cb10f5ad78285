export { type EngineDependencies, engineLimits } from './dependencies.ts';
export { registerEngine } from './register-engine.ts';

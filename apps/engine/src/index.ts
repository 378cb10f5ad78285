export { type EngineDependencies, engineLimits } from './dependencies.ts';
export { type DeploymentFile, reviewFiles } from './deployment.ts';
export { type PluginRegistry, startPluginRegistry } from './plugin-registry.ts';
export { registerEngine } from './register-engine.ts';

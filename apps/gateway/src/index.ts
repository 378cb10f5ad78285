export { type GatewayDependencies, gatewayRoutes } from './gateway-routes.ts';
export { gatewayLimits } from './limits.ts';

import {
  incident as incidentSchema,
  incidentParams,
  listIncidentsAnswer,
  listIncidentsQuery,
  Problem,
  pageSize,
  resolveIncidentBody,
} from '@millrace/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { incidentMissing, instanceMissing } from '../missing.ts';
import { checkSize } from '../variables-size.ts';
import { incidentView } from '../views.ts';

export const incidentRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, { commander, projection }) => {
  const { queries } = projection;
  const tags = ['incidents'];

  server.get(
    '/api/incidents',
    {
      schema: {
        tags,
        summary: 'List what is stuck, the newest first',
        querystring: listIncidentsQuery,
        response: answers(200, listIncidentsAnswer),
      },
    },
    async ({ query: { limit, cursor, definition, processInstanceUuid } }) => {
      const filter = { definition, instanceId: processInstanceUuid?.toLowerCase() };
      const { rows, nextCursor } = queries.incidents(filter, { limit: pageSize(limit), cursor });
      return { items: rows.map(incidentView), ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
  );

  server.post(
    '/api/incidents/:id/resolve',
    {
      schema: {
        tags,
        summary: 'Try the failed step again',
        params: incidentParams,
        body: resolveIncidentBody,
        response: answers(200, incidentSchema),
      },
    },
    async (request) => {
      const { id: incidentKey } = request.params;
      const { variables, retries } = request.body ?? {};
      const open = queries.incident(incidentKey);
      if (open === undefined) throw new Problem('INCIDENT_NOT_FOUND', `expected incident ${incidentKey} to exist`);
      if (variables !== undefined && Object.keys(variables).length > 0) {
        checkSize(request, variables);
        const { instanceId } = open;
        await commander.ask(
          { kind: 'updateVariables', version: 1, instanceId, variables },
          { ifNotFound: instanceMissing(queries, instanceId) },
        );
      }
      await commander.ask(
        { kind: 'resolveIncident', version: 1, incidentKey, ...(retries === undefined ? {} : { retries }) },
        { ifNotFound: incidentMissing(queries, incidentKey) },
      );
      return incidentView(queries.incident(incidentKey) ?? open);
    },
  );
};

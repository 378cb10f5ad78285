import { decisionParams, definitionQuery, formAnswer, formsAnswer, Problem } from '@millrace/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { formView } from '../views.ts';

export const formRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, { runtime }) => {
  const { resources } = runtime.definitions;
  const tags = ['forms'];

  server.get(
    '/api/forms',
    { schema: { tags, summary: 'The newest version of every form', response: answers(200, formsAnswer) } },
    async () => ({
      items: [...resources.latestForms()].map(formView).sort((one, other) => one.id.localeCompare(other.id)),
    }),
  );

  server.get(
    '/api/forms/:id',
    {
      schema: {
        tags,
        summary: 'A form: the newest version, or the one asked for',
        params: decisionParams,
        querystring: definitionQuery,
        response: answers(200, formAnswer),
      },
    },
    async ({ params: { id }, query: { version } }) => {
      const form = resources.form(id, version === undefined ? undefined : Number(version));
      if (form === undefined) {
        const what = version === undefined ? `"${id}"` : `"${id}" version ${version}`;
        throw new Problem('FORM_NOT_FOUND', `expected the form ${what} to be deployed`);
      }
      return { ...formView(form), form: JSON.parse(form.content) as Record<string, unknown> };
    },
  );
};

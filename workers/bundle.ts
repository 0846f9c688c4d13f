/** The workflows' code, bundled for Temporal's sandbox. Workflow code is plain TypeScript with explicit imports. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';
import type { Logger } from 'pino';

/**
 * For each promise of a workflow the SDK notes its stack, line by line with its place in the source: a seventh of a ticket's
 * worker. So many lines still tell where an error came from; Temporal's "Call Stack" shows no more than them.
 */
const STACK_LINES = 4;

/** Bundles the workflows, `traced` with what hands traces on in them; takes some seconds, so do it once for a process. */
export function bundleWorkflows(logger: Logger, traced = false): Promise<WorkflowBundle> {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: traced ? [fileURLToPath(new URL('../workflows/tracing.ts', import.meta.url))] : [],
    // Each ticket evaluates the bundle's modules anew: as one module they cost it half.
    webpackConfigHook: (webpack) => ({
      ...webpack,
      plugins: [
        ...(webpack.plugins ?? []),
        // Before anything of the bundle is loaded: the sandbox freezes its globals after that.
        (compiler) => {
          const banner = `Error.stackTraceLimit = ${STACK_LINES};`;
          new compiler.webpack.BannerPlugin({ banner, raw: true }).apply(compiler);
        },
      ],
      optimization: { ...webpack.optimization, concatenateModules: true, providedExports: true, usedExports: true },
    }),
    logger: {
      trace: () => undefined,
      debug: () => undefined,
      info: () => undefined,
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
      log: (_level, message) => logger.debug(message),
    },
  });
}

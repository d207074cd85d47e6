import { ApiError } from '@wheelhouse/sdk/rest';

/** The code with which the server refuses `request`; fails when it does not. */
export async function refused(request: Promise<unknown>): Promise<string> {
  try {
    await request;
  } catch (error) {
    if (error instanceof ApiError) return error.problem.code;
    throw error;
  }
  throw new Error('the server did not refuse');
}

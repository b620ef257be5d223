/** Looks at loopback ports. The stack never listens anywhere else. */
import { connect } from 'node:net';
import { required } from '@windlass/base';
import { freePorts, isFree } from '@windlass/testkit';

export const loopbackHost = '127.0.0.1';

/** Loopback answers in microseconds; longer means that a packet filter drops it. */
const connectDeadlineMs = 500;

/** True when a listener could be bound to the port now, and nobody answers there. */
export async function isPortFree(port: number): Promise<boolean> {
  // Both: where the system lets one bind beside a listener on all interfaces, only connecting
  // shows that somebody is there.
  return (await isFree(port)) && !(await answers(port));
}

/** Some port that nobody listens on. */
export async function anyFreePort(): Promise<number> {
  const [port] = await freePorts(1);
  return required(port, 'a free port');
}

/** True when something accepts connections on the port. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: loopbackHost, port });
    const finish = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(connectDeadlineMs, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

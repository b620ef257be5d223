/** An owner that a test kills: it starts a server, says which, and does nothing more. */
import { temporaryFolder } from '../run/folder.ts';
import { startPostgres } from './postgres.ts';

const folder = temporaryFolder();
const server = await startPostgres({
  dataDir: `${folder.path}/data`,
  logFile: `${folder.path}/server.log`,
  port: 0,
  durable: false,
});
process.stdout.write(
  `${JSON.stringify({ folder: folder.path, pid: server.process.pid, port: server.port })}\n`,
);

/** Messages, entries and nodes in one line each, for the scripts. */
import { unreachable } from '@windlass/base';
import {
  type Configuration,
  decodeConfiguration,
  type Entry,
  EntryKind,
  type Message,
  MessageKind,
  type RaftStatus,
} from './index.ts';

const kindNames = new Map<number, string>(
  Object.entries(MessageKind).map(([name, kind]) => [kind, name]),
);

/** index/term and what is in it. */
export function printEntry(entry: Entry): string {
  const place = `${entry.index}/${entry.term}`;
  switch (entry.kind) {
    case EntryKind.Empty:
      return `${place} empty`;
    case EntryKind.Command:
      return `${place} ${new TextDecoder().decode(entry.data)}`;
    case EntryKind.Configuration: {
      const decoded = decodeConfiguration(entry.data);
      return `${place} ${decoded.ok ? printConfiguration(decoded.value) : decoded.error}`;
    }
    default:
      return unreachable(entry.kind);
  }
}

/** voters(1 2 3), while joint also outgoing, and learners. */
export function printConfiguration(configuration: Configuration): string {
  const { voters, outgoing, learners } = configuration;
  const parts = [`voters(${voters.join(' ')})`];
  if (outgoing.length > 0) parts.push(`outgoing(${outgoing.join(' ')})`);
  if (learners.length > 0) parts.push(`learners(${learners.join(' ')})`);
  return parts.join(' ');
}

export function printMessage(message: Message): string {
  const { from, to, kind, term } = message;
  const head = `${from}>${to} ${kindNames.get(kind)} t${term}`;
  return [head, ...details(message)].join(' ');
}

function details(message: Message): readonly string[] {
  const parts: string[] = [];
  switch (message.kind) {
    case MessageKind.PreVote:
    case MessageKind.Vote:
      parts.push(`last=${message.index}/${message.logTerm}`);
      if (message.transfer) parts.push('transfer');
      break;
    case MessageKind.PreVoteResponse:
    case MessageKind.VoteResponse:
      parts.push(message.reject ? 'refused' : 'granted');
      break;
    case MessageKind.Append:
      parts.push(`${message.index}/${message.logTerm}`);
      parts.push(`[${message.entries.map(printEntry).join(', ')}]`, `commit=${message.commit}`);
      break;
    case MessageKind.AppendResponse:
      parts.push(
        message.reject
          ? `refused ${message.index} hint=${message.hintIndex}/${message.hintTerm}`
          : `match=${message.index}`,
      );
      break;
    case MessageKind.Heartbeat:
      parts.push(`commit=${message.commit}`);
      break;
    case MessageKind.Snapshot:
      parts.push(`${message.snapshot?.index}/${message.snapshot?.term}`);
      break;
    case MessageKind.HeartbeatResponse:
    case MessageKind.TimeoutNow:
      break;
  }
  if (message.readSequence > 0) parts.push(`read=${message.readSequence}`);
  return parts;
}

export function printStatus(status: RaftStatus): string {
  const { id, role, term, leader, commit, lastIndex, firstIndex, configuration } = status;
  const lines = [
    `${id}: ${role}, term ${term}, leader ${leader}, log ${firstIndex}..${lastIndex}, ` +
      `commit ${commit}, ${printConfiguration(configuration)}`,
  ];
  for (const peer of status.progress) {
    const active = peer.recentlyActive ? '' : ', not heard';
    lines.push(`   ${peer.id}: ${peer.state} match ${peer.match} next ${peer.next}${active}`);
  }
  return lines.join('\n');
}

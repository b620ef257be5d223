/**
 * Brings the messages of a turn to the other nodes: one frame for each of them, and snapshots on
 * a stream of their own.
 */
import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';
import { encodeMessages, type Member, type Message, MessageKind } from '@windlass/raft';
import type { Log } from '@windlass/telemetry';
import { openPeerLink, type PeerLink } from './peer-link.ts';

/** A frame is sent when it has so much: with one message more it stays below gRPC's 4 MiB. */
const frameBytesMax = 1024 * 1024;

export type PeersOptions = {
  readonly selfId: number;
  readonly clusterId: number;
  readonly credentials: ChannelCredentials;
  readonly channelOptions: ChannelOptions;
  readonly log: Log;
  readonly onUnreachable: (id: number) => void;
  /** Brings the newest snapshot to a peer; tells by itself how it went. */
  readonly sendSnapshot: (link: PeerLink, message: Message) => void;
};

export type Peers = {
  /** The members have changed: opens and closes links. */
  readonly follow: (members: readonly Member[]) => void;
  readonly send: (messages: readonly Message[]) => void;
  /** The way to a member, or null. */
  readonly link: (id: number) => PeerLink | null;
  readonly close: () => void;
};

export function createPeers(options: PeersOptions): Peers {
  const { clusterId, onUnreachable, selfId, sendSnapshot } = options;
  const links = new Map<number, PeerLink>();

  function follow(members: readonly Member[]): void {
    const wanted = members.filter(({ id }) => id !== selfId);
    for (const [id, link] of links) {
      if (wanted.some((member) => member.id === id && member.address === link.address)) continue;
      link.close();
      links.delete(id);
    }
    for (const { address, id } of wanted) {
      if (links.has(id)) continue;
      const { channelOptions, credentials, log } = options;
      links.set(
        id,
        openPeerLink({
          address,
          credentials,
          channelOptions,
          log: log.child({ peer: id }),
          onUnreachable: () => onUnreachable(id),
        }),
      );
    }
  }

  function send(messages: readonly Message[]): void {
    const byPeer = new Map<number, Message[]>();
    for (const message of messages) {
      const waiting = byPeer.get(message.to);
      if (waiting === undefined) byPeer.set(message.to, [message]);
      else waiting.push(message);
    }
    for (const [id, all] of byPeer) {
      const link = links.get(id);
      if (link === undefined) continue;
      const small = all.filter(({ kind }) => kind !== MessageKind.Snapshot);
      for (const group of inFrames(small)) {
        if (!link.send(encodeMessages(clusterId, group))) onUnreachable(id);
      }
      for (const message of all) {
        if (message.kind === MessageKind.Snapshot) sendSnapshot(link, message);
      }
    }
  }

  return {
    follow,
    send,
    link: (id) => links.get(id) ?? null,
    close: () => {
      for (const link of links.values()) link.close();
      links.clear();
    },
  };
}

/** As few frames as fit, in order. Most turns need one. */
function inFrames(messages: readonly Message[]): readonly (readonly Message[])[] {
  const frames: Message[][] = [];
  let bytes = frameBytesMax;
  for (const message of messages) {
    if (bytes >= frameBytesMax) {
      frames.push([]);
      bytes = 0;
    }
    frames.at(-1)?.push(message);
    for (const { data } of message.entries) bytes += data.length;
  }
  return frames;
}

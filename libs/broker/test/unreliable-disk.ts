import { type Disk, type DiskFile, systemDisk } from '@millrace/std';

/** The system's disk, which a test can make fail, or wait. */
export interface UnreliableDisk extends Disk {
  /** Parts of the paths whose syncs and writes fail. */
  failing: { readonly syncsOf?: string; readonly writesTo?: string };
  /** Writes of several batches at once. */
  readonly joinedWrites: number;
  /** Syncs that wait for the end of `holdSyncs`. */
  readonly heldSyncs: number;
  /** From now on no sync ends, until the returned function is called. */
  holdSyncs(): () => void;
}

export function unreliableDisk(): UnreliableDisk {
  let gate: Promise<void> | undefined;
  let heldSyncs = 0;
  let joinedWrites = 0;
  const disk: UnreliableDisk = {
    ...systemDisk,
    failing: {},
    get joinedWrites() {
      return joinedWrites;
    },
    get heldSyncs() {
      return heldSyncs;
    },
    holdSyncs() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = undefined;
        resolve();
      };
    },
    open: (path, options) => guarded(systemDisk.open(path, options)),
  };

  function guarded(file: DiskFile): DiskFile {
    const matches = (part: string | undefined): boolean => part !== undefined && file.path.includes(part);
    return {
      path: file.path,
      size: () => file.size(),
      read: (target, position) => file.read(target, position),
      write(source, position) {
        if (matches(disk.failing.writesTo)) throw new Error('ENOSPC: no space left');
        file.write(source, position);
      },
      writeAll(sources, position) {
        if (matches(disk.failing.writesTo)) throw new Error('ENOSPC: no space left');
        joinedWrites++;
        file.writeAll(sources, position);
      },
      truncate: (length) => file.truncate(length),
      async datasync() {
        if (matches(disk.failing.syncsOf)) throw new Error('EIO: the device failed');
        if (gate !== undefined) {
          heldSyncs++;
          await gate;
        }
        await file.datasync();
      },
      datasyncNow: () => file.datasyncNow(),
      close: () => file.close(),
    };
  }
  return disk;
}

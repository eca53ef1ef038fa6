import Foundation

/// Locks `omni.lock` in the data folder, so that one process at a time runs the bot on SQLite.
///
/// The lock is `flock(2)`: the kernel releases it when the process exits, so it is never stale. Other commands do not
/// take it and may run at the same time.
package final class ProcessLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock. Throws ``StoreError`` `.busy` with the folder and the process that holds it, or `.unavailable`
    /// if the file cannot be opened or locked.
    package init(folder: String) throws {
        let path = "\(folder)/omni.lock"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw StoreError(.unavailable, "the data folder \(folder) cannot be made: \(error.localizedDescription)")
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.unavailable, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            let holder = ProcessLock.holder(descriptor)
            close(descriptor)
            guard reason == EWOULDBLOCK else {
                throw StoreError(.unavailable, "\(path) cannot be locked: \(String(cString: strerror(reason)))")
            }
            throw StoreError(
                .busy,
                "another `omni run`\(holder) already uses \(folder): stop it, set OMNI_DATA to another folder, or use "
                    + "PostgreSQL, which several processes can share")
        }
        self.descriptor = descriptor
        ProcessLock.sign(descriptor)
    }

    deinit { close(descriptor) }

    /// The process id that the holder wrote into the file, for the message only.
    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0,
            let id = Int32(
                String(decoding: bytes.prefix(count), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        else {
            return ""
        }
        return " (process \(id))"
    }

    private static func sign(_ descriptor: Int32) {
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0 else { return }
        _ = pwrite(descriptor, text, text.count, 0)
    }
}

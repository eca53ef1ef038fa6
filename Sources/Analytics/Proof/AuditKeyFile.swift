import Bridge
import Foundation

/// `keys/audit.ed25519` in the data folder: the seed of an ``AuditKey`` in base64, readable for its owner only.
struct AuditKeyFile: Sendable {
    let path: String

    init(dataFolder: String) { path = "\(dataFolder)/keys/audit.ed25519" }

    /// The key of the file; nil if there is no file. Throws ``StoreError``.
    func load() throws -> AuditKey? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw problem("cannot be opened", errno) }
            return nil
        }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw problem("cannot be examined", errno) }
        guard info.st_mode & 0o077 == 0 else {
            throw StoreError(.other, "\(path) can be read by others: run `chmod 600` on it")
        }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw problem("cannot be read", errno) }
        guard let seed = AuditKey.seed(String(decoding: bytes.prefix(count), as: UTF8.self)) else {
            throw StoreError(.other, "\(path) does not contain the base64 text of 32 bytes")
        }
        return try AuditKey(seed: seed)
    }

    /// Makes the file with a new key, unless there is one. Of several processes at once one makes it.
    func make() throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError(.unavailable, "the folder \(folder) cannot be made: \(error.localizedDescription)")
        }
        // Written under another name first: no process may read a file that is not complete yet.
        let draft = "\(path).\(ULID())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw problem("cannot be made", errno) }
        defer { unlink(draft) }
        let seed = (0..<AuditKey.seedLength).map { _ in UInt8.random(in: .min ... .max) }
        let text = Array("\(Data(seed).base64EncodedString())\n".utf8)
        let isWritten = write(descriptor, text, text.count) == text.count && fsync(descriptor) == 0
        let reason = errno
        close(descriptor)
        guard isWritten else { throw problem("cannot be written", reason) }
        guard link(draft, path) == 0 || errno == EEXIST else { throw problem("cannot be made", errno) }
    }

    private func problem(_ what: String, _ code: Int32) -> StoreError {
        StoreError(.unavailable, "\(path) \(what): \(String(cString: strerror(code)))")
    }
}

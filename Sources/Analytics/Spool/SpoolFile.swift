import Bridge
import Foundation
import Logging

/// One process's spool on the disk: a small SQLite file in the folder `spool`, with the schema of the record, so that
/// every row can be kept there as it will stand in the store. It is made when the first row needs it and removed when
/// the last row has gone to the store.
///
/// Beside it lies a `.lock` that the process holds (`flock`) for as long as it lives: a file whose lock can be had
/// belongs to nobody any more.
actor SpoolFile {
    /// 4 KiB each: 256 MiB. What does not fit is refused, and asked again by whoever delivered it.
    static let maximumPages = 65_536

    private let folder: String
    private let logger: Logger
    private var open: SpoolDatabase?
    private var users = 0
    private var isBusy = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    init(folder: String, logger: Logger) {
        self.folder = folder
        self.logger = logger
    }

    /// Runs the body with the database, which is opened when it has to be.
    func use<Value: Sendable>(
        _ body: @Sendable (any SQLDatabase) async throws -> Value
    ) async throws -> Value {
        let database = try await begin()
        defer { users -= 1 }
        return try await body(database)
    }

    private func begin() async throws -> any SQLDatabase {
        await lock()
        defer { unlock() }
        if open == nil { open = try await SpoolDatabase.make(in: folder) }
        guard let database = open?.database else { throw StoreError(.closed, "the spool was closed") }
        users += 1
        return database
    }

    /// Removes the file when nobody uses it and it is empty. Who has just written a question may not have counted it yet,
    /// so the file itself is asked too.
    func remove(ifEmpty isEmpty: @Sendable () -> Bool) async {
        await lock()
        defer { unlock() }
        guard users == 0, let spool = open, isEmpty(), await spool.isEmpty() else { return }
        open = nil
        await spool.close(removing: true)
    }

    /// Closes it; what is in it stays on the disk for the next process.
    func close() async {
        await lock()
        defer { unlock() }
        await open?.close(removing: false)
        open = nil
    }

    /// The spools of processes that are gone, oldest first. What cannot be read is set aside, with a line in the log.
    func leftovers() async -> [SpoolDatabase] {
        let folder = folder
        let names = try? await onDisk { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
        var found: [SpoolDatabase] = []
        for name in names ?? [] where name.hasSuffix(".lock") {
            guard let lock = try? await onDisk({ SpoolLock(taking: "\(folder)/\(name)") }) else { continue }
            let path = "\(folder)/\(name.dropLast(5)).db"
            do {
                found.append(try await SpoolDatabase.reopen(path, lock))
            } catch {
                let bad = (try? await onDisk { SpoolDatabase.setAside(path, lock) }) ?? path
                logger.critical(
                    "A spool cannot be read and is set aside.",
                    metadata: ["file": "\(bad)", "error": "\(error)"])
            }
        }
        return found
    }

    private func lock() async {
        while isBusy { await withCheckedContinuation { waiters.append($0) } }
        isBusy = true
    }

    private func unlock() {
        isBusy = false
        let next = waiters
        waiters = []
        for waiter in next { waiter.resume() }
    }
}

/// Runs what waits for the disk on a thread outside of the cooperative pool: a disk that is slow must hold up nobody else.
private func onDisk<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
    }
}

/// A spool's database with the lock that makes it ours.
struct SpoolDatabase: Sendable {
    let path: String
    let database: any SQLDatabase
    let lock: SpoolLock

    /// A new one, under a name that sorts by time. The folder is made when it is not there.
    static func make(in folder: String) async throws -> SpoolDatabase {
        let path = "\(folder)/\(ULID()).db"
        let lock = try await onDisk { try makeFiles(path, in: folder) }
        do {
            let database = try await opened(path)
            _ = try await Migrations.run(on: database)
            try await database.write { connection in
                try connection.script(
                    "CREATE TABLE borrowed (question_id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID")
                _ = try connection.query("PRAGMA max_page_count = \(SpoolFile.maximumPages)", [])
            }
            return SpoolDatabase(path: path, database: database, lock: lock)
        } catch {
            try? await onDisk { removeFiles(path) }
            throw error
        }
    }

    private static func makeFiles(_ path: String, in folder: String) throws -> SpoolLock {
        let lock = try SpoolLock(making: "\(path.dropLast(3)).lock", in: folder)
        do {
            try SpoolLock.makeFile(path)
            SpoolLock.syncFolder(folder)
            return lock
        } catch {
            removeFiles(path)
            throw error
        }
    }

    /// That of a dead process, brought to this program's schema.
    static func reopen(_ path: String, _ lock: SpoolLock) async throws -> SpoolDatabase {
        let database = try await opened(path)
        do {
            try await database.read { connection in
                guard try connection.query("PRAGMA quick_check(1)", []).first?.values.first == .text("ok") else {
                    throw StoreError(.corrupt, "the spool \(path) is damaged")
                }
            }
            _ = try await Migrations.run(on: database)
            // Made right after the migrations: a process that died between them has left nothing else.
            try await database.write {
                try $0.script(
                    "CREATE TABLE IF NOT EXISTS borrowed (question_id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID")
            }
        } catch {
            await database.close()
            throw error
        }
        return SpoolDatabase(path: path, database: database, lock: lock)
    }

    /// Whether no question is in it; false when it cannot say.
    func isEmpty() async -> Bool {
        let isEmpty = try? await database.read { try $0.query("SELECT 1 FROM questions LIMIT 1", []).isEmpty }
        return isEmpty ?? false
    }

    func close(removing: Bool) async {
        await database.close()
        if removing { try? await onDisk { [path] in Self.removeFiles(path) } }
        lock.letGo()
    }

    /// Puts a damaged spool out of the way, for a person to look at. Gives where it is now.
    static func setAside(_ path: String, _ lock: SpoolLock) -> String {
        let bad = path + ".bad"
        _ = rename(path, bad)
        for ending in ["-wal", "-shm"] { _ = rename(path + ending, bad + ending) }
        unlink("\(path.dropLast(3)).lock")
        lock.letGo()
        return bad
    }

    private static func opened(_ path: String) async throws -> any SQLDatabase {
        try await onDisk { try SQLiteDatabase(path: path) }
    }

    private static func removeFiles(_ path: String) {
        for ending in ["", "-wal", "-shm"] { unlink(path + ending) }
        unlink("\(path.dropLast(3)).lock")
    }
}

/// A lock of the kernel on a file; it ends with the process, however that ends.
final class SpoolLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of a spool that may be somebody's; nil when it is.
    init?(taking path: String) {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        // Who removed the spool a moment ago has removed its lock too: then this is no file any more.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0, status.st_nlink > 0 else {
            Glibc.close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    /// Makes a lock that nobody has. Throws ``StoreError`` `.unavailable` with the path and the reason.
    init(making path: String, in folder: String) throws {
        if access(folder, F_OK) != 0 {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw StoreError(
                    .unavailable, "the spool's folder \(folder) cannot be made: \(error.localizedDescription)")
            }
            Self.syncFolder((folder as NSString).deletingLastPathComponent)
        }
        descriptor = try Self.create(path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(descriptor)
            throw StoreError(.busy, "the spool \(path) was taken by another process: try again")
        }
    }

    /// Lets another process have it. Not at the end of this value: who holds it decides.
    func letGo() { _ = flock(descriptor, LOCK_UN) }

    deinit { Glibc.close(descriptor) }

    /// An empty file that only this user reads; SQLite's other files take its permissions.
    static func makeFile(_ path: String) throws { Glibc.close(try create(path)) }

    /// A new name is on the disk when its folder is.
    static func syncFolder(_ folder: String) {
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        Glibc.close(descriptor)
    }

    private static func create(_ path: String) throws -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .unavailable, "the spool \(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }
}

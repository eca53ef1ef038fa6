import Bridge
import Foundation
import Logging

/// The spool of one process on disk: an SQLite file in the folder `spool` with the store's schema, so that rows have
/// the form that they have in the store. It is created for the first row and removed after the last row has been moved
/// to the store.
///
/// Next to it is a `.lock` file that the process locks with `flock(2)` until it exits: a spool whose lock is free
/// belongs to a process that has exited.
actor SpoolFile {
    /// Limit of the file in pages of 4 KiB: 256 MiB. Beyond it SQLite rejects writes (`SQLITE_FULL`), the question is
    /// not acknowledged, and its sender delivers it again.
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

    /// Runs the body with the database; opens it first if needed.
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

    /// Removes the file if no call uses it and it contains no question. A call that has just written a question may not
    /// have counted it yet, so the file is queried too.
    func remove(ifEmpty isEmpty: @Sendable () -> Bool) async {
        await lock()
        defer { unlock() }
        guard users == 0, let spool = open, isEmpty(), await spool.isEmpty() else { return }
        open = nil
        await spool.close(removing: true)
    }

    /// Closes the file. Its rows stay on disk for the next process.
    func close() async {
        await lock()
        defer { unlock() }
        await open?.close(removing: false)
        open = nil
    }

    /// Locks and opens the spools of processes that have exited, oldest first. A spool that cannot be read is renamed
    /// to `.bad` and logged.
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

/// Runs blocking file operations on a Dispatch thread: a slow disk must not block the threads of Swift's cooperative
/// pool.
private func onDisk<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
    }
}

/// A spool's database and the lock that this process holds on it.
struct SpoolDatabase: Sendable {
    let path: String
    let database: any SQLDatabase
    let lock: SpoolLock

    /// Creates a spool under a name that sorts by time (a ULID), and the folder if it is missing.
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

    /// Opens the spool of a process that has exited and migrates it to this program's schema. Throws ``StoreError``
    /// `.corrupt` for a damaged file.
    static func reopen(_ path: String, _ lock: SpoolLock) async throws -> SpoolDatabase {
        let database = try await opened(path)
        do {
            try await database.read { connection in
                guard try connection.query("PRAGMA quick_check(1)", []).first?.values.first == .text("ok") else {
                    throw StoreError(.corrupt, "the spool \(path) is damaged")
                }
            }
            _ = try await Migrations.run(on: database)
            // Created after the migrations: if the process exited in between, the table is missing and no row was
            // borrowed.
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

    /// True if it contains no question; false if it cannot be read.
    func isEmpty() async -> Bool {
        let isEmpty = try? await database.read { try $0.query("SELECT 1 FROM questions LIMIT 1", []).isEmpty }
        return isEmpty ?? false
    }

    /// Closes the database, deletes its files if `removing`, and releases the lock.
    func close(removing: Bool) async {
        await database.close()
        if removing { try? await onDisk { [path] in Self.removeFiles(path) } }
        lock.letGo()
    }

    /// Renames a damaged spool to `.bad` for an operator to examine. Returns the new path.
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

/// An exclusive `flock(2)` lock on a file. The kernel releases it when the process exits.
final class SpoolLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of an existing spool; nil if another process holds it or the file is gone.
    init?(taking path: String) {
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        // A process that removes its spool removes the lock file too: a file without links is a removed one.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0, status.st_nlink > 0 else {
            Glibc.close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    /// Creates and locks a new lock file, and the folder if it is missing. Throws ``StoreError`` `.unavailable` with
    /// the path and the reason, or `.busy` if another process locked the file first.
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

    /// Releases the lock. Not done in `deinit`, because the owner of the spool decides when.
    func letGo() { _ = flock(descriptor, LOCK_UN) }

    deinit { Glibc.close(descriptor) }

    /// Creates an empty file with mode 0600; SQLite creates the WAL and shm files with the same mode
    /// (sqlite.org/wal.html).
    static func makeFile(_ path: String) throws { Glibc.close(try create(path)) }

    /// A new directory entry is durable after fsync of its directory (fsync(2)).
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

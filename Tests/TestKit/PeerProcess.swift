package import Bridge
package import Foundation
import NIOConcurrencyHelpers

/// A Python program from `Tests/Peers` that plays the other side of a test, in a process of its own.
///
/// The program prints one JSON object as its first line of output (by custom with a member `port`) once it is
/// ready to be used. It ends when its standard input closes, so it never outlives the test process. The interpreter
/// is that of the virtual environment whose folder is in `OMNI_TEST_VENV`, else `.venv-test` of the repository.
package final class PeerProcess: Sendable {
    /// The first line that the peer printed.
    package let hello: JSONValue

    /// The member `port` of the first line; 0 when the peer named none.
    package var port: Int { hello["port"]?.int ?? 0 }

    /// The peer's process id, for tests that look at it from outside.
    package var processIdentifier: Int32 { child.process.processIdentifier }

    private let child: Child

    private init(hello: JSONValue, child: Child) {
        self.hello = hello
        self.child = child
    }

    deinit { child.askToEnd() }

    /// Starts a peer and waits for its first line, 30 seconds at most.
    ///
    /// - Parameters:
    ///   - script: the file's name under `Tests/Peers`.
    ///   - arguments: its command line.
    ///   - environment: additions to this process's environment.
    /// - Throws: ``PeerError`` when the program cannot be started, ends first, stays silent or prints no JSON object.
    package static func python(
        _ script: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> PeerProcess {
        let path = Repository.root.appending(path: "Tests/Peers/\(script)").path
        let child = try Child(
            executable: Repository.python, arguments: ["-u", path] + arguments, environment: environment)
        do {
            let line = try await child.firstLine()
            guard let hello = try? JSONValue(parsing: line), hello.object != nil else {
                throw PeerError(
                    "the first line of \(script) is no JSON object: \(String(decoding: line, as: UTF8.self))")
            }
            return PeerProcess(hello: hello, child: child)
        } catch {
            await child.stop()
            throw PeerError("peer \(script): \(error)\n\(child.complaints)")
        }
    }

    /// Ends the peer and waits until it is gone: end of input and SIGTERM, after three seconds SIGKILL. Idempotent.
    package func stop() async { await child.stop() }

    /// What the peer wrote to its standard error so far (the last 16 KiB).
    package var complaints: String { child.complaints }
}

/// Runs a peer for the time of `body`, and ends it in every case.
package func withPeer<Result>(
    _ script: String, _ arguments: [String] = [], environment: [String: String] = [:],
    isolation: isolated (any Actor)? = #isolation, _ body: (PeerProcess) async throws -> sending Result
) async throws -> sending Result {
    let peer = try await PeerProcess.python(script, arguments, environment: environment)
    do {
        let result = try await body(peer)
        await peer.stop()
        return result
    } catch {
        await peer.stop()
        throw error
    }
}

/// A peer that could not be started, with what it wrote to its standard error.
package struct PeerError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// Where the repository lies, found from this file, through links.
package enum Repository {
    package static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The interpreter that peers run with.
    package static var python: URL {
        let folder = ProcessInfo.processInfo.environment["OMNI_TEST_VENV"].map { URL(filePath: $0) }
        return (folder ?? root.appending(path: ".venv-test")).appending(path: "bin/python3")
    }
}

/// A child process with its pipes, each read by a thread of its own: Foundation's readability handlers close
/// descriptors under libdispatch's event loop, which can crash it on Linux.
private final class Child: Sendable {
    fileprivate struct State {
        var exited = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var complaints: [UInt8] = []
        var line: [UInt8] = []
    }

    let process = Process()
    private let input = Pipe()
    private let state = NIOLockedValueBox(State())
    private let lines: AsyncThrowingStream<[UInt8], any Error>

    init(executable: URL, arguments: [String], environment: [String: String]) throws {
        let (lines, feed) = AsyncThrowingStream<[UInt8], any Error>.makeStream(bufferingPolicy: .bufferingOldest(1))
        self.lines = lines
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        let state = self.state
        process.terminationHandler = { _ in
            let waiters = state.withLockedValue { state in
                state.exited = true
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
        try process.run()
        Self.read(output) { data in
            if let line = state.withLockedValue({ $0.firstLine(after: data) }) { feed.yield(line) }
        } atEnd: {
            feed.finish(throwing: PeerError("it ended before its first line"))
        }
        Self.read(errors) { data in
            state.withLockedValue { $0.complaints = ($0.complaints + data).suffix(16384) }
        } atEnd: {
        }
    }

    private static func read(
        _ pipe: Pipe, each: @escaping @Sendable (Data) -> Void, atEnd: @escaping @Sendable () -> Void
    ) {
        let handle = pipe.fileHandleForReading
        let thread = Thread {
            while true {
                let data = handle.availableData
                if data.isEmpty { break }
                each(data)
            }
            atEnd()
        }
        thread.start()
    }

    var complaints: String { String(decoding: state.withLockedValue { $0.complaints }, as: UTF8.self) }

    func firstLine() async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { [lines] in
                for try await line in lines { return line }
                throw CancellationError()
            }
            group.addTask {
                try await Task.sleep(for: .seconds(30))
                throw PeerError("no first line within 30 seconds")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    /// Returns at once; `stop` also waits.
    func askToEnd() {
        try? input.fileHandleForWriting.close()
        // Not yet reaped while `exited` is false, so the number still belongs to this child.
        state.withLockedValue { if !$0.exited { _ = kill(process.processIdentifier, SIGTERM) } }
    }

    func stop() async {
        askToEnd()
        await withTaskGroup { group in
            group.addTask { await self.exit() }
            group.addTask { [state, process] in
                try? await Task.sleep(for: .seconds(3))  // cut short by the exit, or by a caller who is cancelled
                state.withLockedValue { if !$0.exited { _ = kill(process.processIdentifier, SIGKILL) } }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func exit() async {
        await withCheckedContinuation { continuation in
            let gone = state.withLockedValue { state in
                if !state.exited { state.waiters.append(continuation) }
                return state.exited
            }
            if gone { continuation.resume() }
        }
    }
}

extension Child.State {
    /// The first whole line, once; nil before it is complete and ever after.
    fileprivate mutating func firstLine(after data: Data) -> [UInt8]? {
        guard !line.contains(0x0A) else { return nil }
        line += data
        return line.firstIndex(of: 0x0A).map { Array(line[..<$0]) }
    }
}

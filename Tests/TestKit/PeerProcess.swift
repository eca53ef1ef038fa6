package import Bridge
package import Foundation
import NIOConcurrencyHelpers
import Subprocess

/// A Python program of `Tests/Peers` as the peer of a test, in a child process.
///
/// The program prints one JSON object as its first line of output (by convention with a member `port`) once it is
/// ready. It exits when its standard input closes, so that it never outlives the test process. The interpreter is
/// that of the virtual environment in `OMNI_TEST_VENV`, else `.venv-test` of the repository.
package final class PeerProcess: Sendable {
    /// The JSON object in the first line of the peer's output.
    package let hello: JSONValue

    /// The member `port` of the first line; 0 when there is none.
    package var port: Int { hello["port"]?.int ?? 0 }

    /// The peer's process id, for tests that inspect the process.
    package var processIdentifier: Int32 { child.pid }

    private let child: Child

    private init(hello: JSONValue, child: Child) {
        self.hello = hello
        self.child = child
    }

    deinit { child.askToEnd() }

    /// Starts a peer and waits for its first line, at most a minute.
    ///
    /// - Parameters:
    ///   - script: the file's name under `Tests/Peers`.
    ///   - arguments: its command line.
    ///   - environment: additions to this process's environment.
    ///   - interpreter: the Python that runs it; ``Repository/legacyPython`` has the libraries of the generation
    ///     before.
    /// - Throws: ``PeerError`` when the program cannot be started, exits first, prints nothing in time, or prints no
    /// JSON object.
    package static func python(
        _ script: String, _ arguments: [String] = [], environment: [String: String] = [:],
        interpreter: URL = Repository.python
    ) async throws -> PeerProcess {
        let path = Repository.root.appending(path: "Tests/Peers/\(script)").path
        let child = Child(
            executable: interpreter, arguments: ["-u", path] + arguments, environment: environment)
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

    /// Stops the peer and waits for its exit: closes its input and sends SIGTERM, after three seconds SIGKILL.
    /// Idempotent.
    package func stop() async { await child.stop() }

    /// The peer's standard error so far (the last 16 KiB).
    package var complaints: String { child.complaints }
}

/// Runs a peer for the duration of `body`, and stops it in all cases.
package func withPeer<Result>(
    _ script: String, _ arguments: [String] = [], environment: [String: String] = [:],
    interpreter: URL = Repository.python, isolation: isolated (any Actor)? = #isolation,
    _ body: (PeerProcess) async throws -> sending Result
) async throws -> sending Result {
    let peer = try await PeerProcess.python(
        script, arguments, environment: environment, interpreter: interpreter)
    do {
        let result = try await body(peer)
        await peer.stop()
        return result
    } catch {
        await peer.stop()
        throw error
    }
}

/// A peer that could not be started, with its standard error.
package struct PeerError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// Folders of the repository that tests use.
package enum Repository {
    /// The root of the repository, found from this file, with symbolic links resolved.
    package static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The Python interpreter for peers.
    package static var python: URL {
        let folder = ProcessInfo.processInfo.environment["OMNI_TEST_VENV"].map { URL(filePath: $0) }
        return (folder ?? root.appending(path: ".venv-test")).appending(path: "bin/python3")
    }

    /// The Python interpreter with the MCP SDK of the generation before, in `OMNI_TEST_VENV` followed by `-legacy`.
    package static var legacyPython: URL {
        let folder = ProcessInfo.processInfo.environment["OMNI_TEST_VENV"].map { URL(filePath: "\($0)-legacy") }
        return (folder ?? root.appending(path: ".venv-test-legacy")).appending(path: "bin/python3")
    }
}

/// A child process with its pipes. Uses swift-subprocess: Foundation's `Process` leaks descriptors on Linux and waits
/// with `select`, which does not support descriptors from 1,024 on.
private final class Child: Sendable {
    fileprivate struct State {
        var pid: Int32 = 0
        var complaints: [UInt8] = []
        var line: [UInt8] = []
    }

    private typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    private let state = NIOLockedValueBox(State())
    private let lines: AsyncThrowingStream<[UInt8], any Error>
    private let line: AsyncThrowingStream<[UInt8], any Error>.Continuation
    private let end: AsyncStream<Void>.Continuation
    private let task = NIOLockedValueBox<Task<Void, Never>?>(nil)

    init(executable: URL, arguments: [String], environment: [String: String]) {
        (lines, line) = AsyncThrowingStream.makeStream(bufferingPolicy: .bufferingOldest(1))
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        self.end = end
        let variables = environment.map { (Environment.Key(stringLiteral: $0), Optional($1)) }
        let child = Configuration(
            executable: .path(.init(executable.path)), arguments: Arguments(arguments),
            environment: .inherit.updating(Dictionary(variables, uniquingKeysWith: { $1 })))
        let (state, line) = (state, line)
        // Unstructured, as a peer outlives the call that starts it: `stop` ends and awaits it.
        let running = Task {
            do {
                _ = try await Subprocess.run(child, input: .inputWriter, output: .sequence, error: .sequence) {
                    state.withLockedValue { [pid = $0.processIdentifier.value] in $0.pid = pid }
                    await Self.attend($0, state, line, ends)
                }
                line.finish(throwing: PeerError("it ended before its first line"))
            } catch {
                line.finish(throwing: error)
            }
        }
        task.withLockedValue { $0 = running }
    }

    /// Reads until the child exits; stops it when asked to.
    private static func attend(
        _ child: Running, _ state: NIOLockedValueBox<State>,
        _ line: AsyncThrowingStream<[UInt8], any Error>.Continuation, _ ends: AsyncStream<Void>
    ) async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await read(child.standardOutput) { bytes in
                    if let first = state.withLockedValue({ $0.firstLine(after: bytes) }) { line.yield(first) }
                }
                line.finish(throwing: PeerError("it ended before its first line"))
                return false
            }
            group.addTask {
                await read(child.standardError) { bytes in
                    state.withLockedValue { $0.complaints = ($0.complaints + bytes).suffix(16384) }
                }
                return false
            }
            group.addTask {
                for await _ in ends {}
                try? await child.standardInputWriter.finish()
                await child.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(3))])
                return true
            }
            var openOutputs = 2
            for await wasAsked in group {
                if !wasAsked { openOutputs -= 1 }
                if wasAsked || openOutputs == 0 { break }
            }
            group.cancelAll()
        }
    }

    private static func read(_ output: SubprocessOutputSequence, _ each: ([UInt8]) -> Void) async {
        do {
            for try await chunk in output { each(chunk.withUnsafeBytes { Array($0) }) }
        } catch {
            // A read error counts as the end of the output.
        }
    }

    var pid: Int32 { state.withLockedValue { $0.pid } }
    var complaints: String { String(decoding: state.withLockedValue { $0.complaints }, as: UTF8.self) }

    func firstLine() async throws -> [UInt8] {
        let lines = lines
        let result = await withDeadline(.seconds(60)) { () -> Result<[UInt8], any Error> in
            do {
                for try await line in lines { return .success(line) }
                return .failure(CancellationError())
            } catch {
                return .failure(error)
            }
        }
        guard let line = result.inTime else { throw PeerError("no first line within 60 seconds") }
        return try line.get()
    }

    /// Returns at once; `stop` also waits.
    func askToEnd() { end.finish() }

    func stop() async {
        askToEnd()
        await task.withLockedValue { $0 }?.value
    }
}

extension Child.State {
    /// The first complete line, returned once; nil before it is complete and afterwards.
    fileprivate mutating func firstLine(after bytes: [UInt8]) -> [UInt8]? {
        guard !line.contains(0x0A) else { return nil }
        line += bytes
        return line.firstIndex(of: 0x0A).map { Array(line[..<$0]) }
    }
}

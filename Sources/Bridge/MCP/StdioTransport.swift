import Foundation
import Logging
import NIOConcurrencyHelpers
import Subprocess

/// A server that is a child process: one JSON message a line on its standard input and output (MCP, "stdio").
///
/// The child leads a process group of its own, gets a clean environment, and is ended in steps: end of input, SIGTERM
/// to the group, SIGKILL to the group. No process of the group outlives ``run(outgoing:receive:)``.
struct StdioTransport: MCPTransport {
    struct Bounds: Sendable {
        /// The most bytes of one line of the child.
        var line = 8 * 1024 * 1024
        /// The bytes of its standard error that are kept for a diagnosis.
        var complaints = 4096
        /// How long the child may take to read one message of ours.
        var write = Duration.seconds(5)
        /// How long each step of the end may take before the next, harder one.
        var step = Duration.seconds(2)
    }

    private typealias Child = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    private enum ExitReason: Sendable {
        case asked
        case outputEnded
        case broken(String)
        case drained
        case waitedEnough
    }

    private let command: String
    private let arguments: [String]
    private let directory: String?
    private let environment: [String: String]
    private let bounds: Bounds
    private let redaction: Redaction
    private let logger: Logger
    private let complaints = NIOLockedValueBox<[UInt8]>([])

    init(
        command: String, arguments: [String], directory: String?, environment: [String: String],
        bounds: Bounds = Bounds(), redaction: Redaction, logger: Logger
    ) {
        self.command = command
        self.arguments = arguments
        self.directory = directory
        self.environment = environment
        self.bounds = bounds
        self.redaction = redaction
        self.logger = logger
    }

    /// What a child gets of this process's own environment (decisions, section 6).
    static let inheritedVariables = ["HOME", "PATH", "USER", "LOGNAME", "SHELL", "LANG", "TMPDIR"]

    /// The child's whole environment.
    static func environment(adding own: [String: String]) -> [String: String] {
        let ours = ProcessInfo.processInfo.environment
        let inherited = inheritedVariables.compactMap { name in ours[name].map { (name, $0) } }
        return Dictionary(inherited, uniquingKeysWith: { $1 }).merging(own) { $1 }
    }

    func run(
        outgoing: AsyncStream<MCPOutgoing>, receive: @escaping @Sendable (MCPIncoming) -> Void
    ) async throws {
        var options = PlatformOptions()
        options.processGroupID = 0  // 0: the child leads a new group
        options.teardownSequence = [hardStep]
        let variables = Self.environment(adding: environment).map { (Environment.Key(stringLiteral: $0), $1) }
        let outcome: (reason: ExitReason, status: TerminationStatus)
        do {
            let result = try await Subprocess.run(
                command.contains("/") ? .path(.init(command)) : .name(command), arguments: Arguments(arguments),
                environment: .custom(Dictionary(variables, uniquingKeysWith: { $1 })),
                workingDirectory: directory.map { .init($0) }, platformOptions: options, input: .inputWriter,
                output: .sequence, error: .sequence
            ) { child in await converse(with: child, outgoing, receive) }
            outcome = (result.closureResult, result.terminationStatus)
        } catch {
            throw MCPConnectionLost(redaction.line("its program could not be run: \(error)"))
        }
        switch outcome.reason {
        case .asked: return
        case .broken(let problem): throw MCPConnectionLost(problem + lastWords)
        case .outputEnded, .drained, .waitedEnough:
            throw MCPConnectionLost("its program ended (\(Self.text(outcome.status)))\(lastWords)")
        }
    }

    private var hardStep: TeardownStep {
        .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: bounds.step)
    }

    private static func text(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "exit status \(code)"
        case .signaled(let signal): "signal \(signal)"
        }
    }

    private var lastWords: String {
        let text = String(decoding: complaints.withLockedValue { $0 }, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "\n")
        return lines.isEmpty ? "" : "; its last words: \(redaction.line(lines, limit: 300))"
    }

    /// Talks until one side ends, then ends the child in steps.
    private func converse(
        with child: Child, _ outgoing: AsyncStream<MCPOutgoing>, _ receive: @escaping @Sendable (MCPIncoming) -> Void
    ) async -> ExitReason {
        await withTaskGroup(of: ExitReason.self) { group in
            group.addTask { await read(child.standardOutput, receive) }
            group.addTask { await drain(child.standardError) }
            group.addTask { await write(outgoing, to: child.standardInputWriter) }
            var reason = await group.next() ?? .outputEnded
            while case .drained = reason { reason = await group.next() ?? .outputEnded }
            try? await child.standardInputWriter.finish()
            if case .asked = reason { await waitForEndOfOutput(in: &group) }
            await child.teardown(using: [hardStep])
            // The leader is dead but not reaped before this body returns, so the number is still its group's.
            try? child.send(signal: .kill, toProcessGroup: true)
            group.cancelAll()
            return reason
        }
    }

    private func waitForEndOfOutput(in group: inout TaskGroup<ExitReason>) async {
        group.addTask {
            try? await Task.sleep(for: bounds.step)
            return .waitedEnough
        }
        while let next = await group.next() {
            switch next {
            case .outputEnded, .broken, .waitedEnough: return
            case .asked, .drained: continue
            }
        }
    }

    private func read(
        _ output: SubprocessOutputSequence, _ receive: @Sendable (MCPIncoming) -> Void
    ) async -> ExitReason {
        var splitter = LineSplitter(limit: bounds.line)
        var noise = NoiseLog(logger: logger)
        do {
            for try await chunk in output {
                for line in try chunk.withUnsafeBytes({ try splitter.append($0) }) where !line.isEmpty {
                    let messages = (try? JSONValue(parsing: line)).map(JSONRPCMessage.all) ?? []
                    if messages.isEmpty { noise.note(bytes: line.count) }
                    for message in messages { receive(.message(message)) }
                }
            }
            return .outputEnded
        } catch is LineSplitter.TooLong {
            return .broken("it sent a line of more than \(bounds.line) bytes, so it was stopped")
        } catch {
            return .broken("its output could not be read")
        }
    }

    /// Read always, or the child stops when the pipe is full.
    private func drain(_ errors: SubprocessOutputSequence) async -> ExitReason {
        do {
            for try await chunk in errors {
                complaints.withLockedValue { kept in
                    chunk.withUnsafeBytes { kept += $0.suffix(bounds.complaints) }
                    if kept.count > bounds.complaints { kept.removeFirst(kept.count - bounds.complaints) }
                }
            }
        } catch {
            logger.debug("The standard error of an MCP server could not be read.", metadata: ["error": "\(error)"])
        }
        return .drained
    }

    private func write(_ outgoing: AsyncStream<MCPOutgoing>, to input: StandardInputWriter) async -> ExitReason {
        for await item in outgoing {
            guard case .message(let message) = item else { continue }
            let line = message.json.bytes() + [0x0A]
            guard await write(line, to: input) else {
                return .broken("it does not read what it is sent")
            }
        }
        return .asked
    }

    /// Whether the child took the whole line in time.
    private func write(_ line: [UInt8], to input: StandardInputWriter) async -> Bool {
        await withDeadline(bounds.write) { (try? await input.write(line)) == line.count }.inTime ?? false
    }
}

/// Says once for a connection that a server writes something else than messages.
private struct NoiseLog {
    let logger: Logger
    private var isSaid = false

    init(logger: Logger) { self.logger = logger }

    mutating func note(bytes: Int) {
        guard !isSaid else { return }
        isSaid = true
        logger.warning(
            "An MCP server wrote a line that is no message to its standard output; such lines are dropped.",
            metadata: ["bytes": "\(bytes)"])
    }
}

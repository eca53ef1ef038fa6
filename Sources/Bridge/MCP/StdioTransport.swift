import Foundation
import Logging
import NIOConcurrencyHelpers
import Subprocess

/// Transport to a server that is a child process: one JSON message a line on its standard input and output (MCP,
/// "stdio").
///
/// The child leads a process group of its own, gets only the variables of `environment(adding:)`, and is ended in
/// steps: end of input, SIGTERM to the group, SIGKILL to the group. No process of the group outlives
/// ``run(outgoing:receive:)``.
struct StdioTransport: MCPTransport {
    /// Limits of one child process.
    struct Bounds: Sendable {
        /// The most bytes of one line of the child's output.
        var line = 8 * 1024 * 1024
        /// The number of bytes at the end of the child's standard error that an error message may quote.
        var complaints = 4096
        /// How long writing one message to the child may take.
        var write = Duration.seconds(5)
        /// How long each step of ending the child may take before the next one.
        var step = Duration.seconds(2)
    }

    private typealias Child = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    /// Why one of the tasks of `converse` has ended.
    private enum ExitReason: Sendable {
        /// `outgoing` has ended: the connection is to be closed.
        case asked
        /// The child closed its standard output.
        case outputEnded
        /// Reading or writing failed, for the reason given.
        case broken(String)
        /// The child closed its standard error.
        case drained
        /// The time for the end of the output has passed.
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

    /// The variables of this process's environment that a child inherits.
    static let inheritedVariables = ["HOME", "PATH", "USER", "LOGNAME", "SHELL", "LANG", "TMPDIR"]

    /// The child's whole environment: the inherited variables and those of its configuration, which take precedence.
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

    /// SIGTERM to the group; after `Bounds.step` Subprocess sends SIGKILL.
    private var hardStep: TeardownStep {
        .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: bounds.step)
    }

    private static func text(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "exit status \(code)"
        case .signaled(let signal): "signal \(signal)"
        }
    }

    /// The last three lines of the child's standard error, for an error message; empty when there are none.
    private var lastWords: String {
        let text = String(decoding: complaints.withLockedValue { $0 }, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "\n")
        return lines.isEmpty ? "" : "; its last words: \(redaction.line(lines, limit: 300))"
    }

    /// Exchanges messages until one side ends, then ends the child in steps.
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
            // The leader has exited, but it is not reaped before this body returns, so the id is still that of its
            // group.
            try? child.send(signal: .kill, toProcessGroup: true)
            group.cancelAll()
            return reason
        }
    }

    /// Returns when the child has closed its output, for at most `Bounds.step`.
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

    /// Receives the messages in the child's output. Lines that neither are nor look like a message are dropped.
    private func read(
        _ output: SubprocessOutputSequence, _ receive: @Sendable (MCPIncoming) -> Void
    ) async -> ExitReason {
        var splitter = LineSplitter(limit: bounds.line)
        var noise = NoiseLog(logger: logger)
        func take(_ line: [UInt8]) {
            guard !line.isEmpty else { return }
            let frame = MCPFrame(line, mayBeText: true)
            if frame.isNoise { noise.note(bytes: line.count) }
            for message in frame.messages { receive(.message(message)) }
            for response in frame.unreadable { receive(.unreadable(response)) }
        }
        do {
            for try await chunk in output {
                for line in try chunk.withUnsafeBytes({ try splitter.append($0) }) { take(line) }
            }
            take(splitter.end())
            return .outputEnded
        } catch is LineSplitter.TooLong {
            return .broken("it sent a line of more than \(bounds.line) bytes, so it was stopped")
        } catch {
            return .broken("its output could not be read")
        }
    }

    /// Reads the child's standard error to its end, since the child blocks when the pipe is full.
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
            guard case .message(let envelope) = item else { continue }
            let line = envelope.message.json.bytes() + [0x0A]
            guard await write(line, to: input) else {
                return .broken("it does not read what it is sent")
            }
        }
        return .asked
    }

    /// Writes a line; false when it could not be written whole within `Bounds.write`.
    private func write(_ line: [UInt8], to input: StandardInputWriter) async -> Bool {
        await withDeadline(bounds.write) { (try? await input.write(line)) == line.count }.inTime ?? false
    }
}

/// Logs the first line of a connection that is no message.
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

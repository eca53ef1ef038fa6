import Foundation
import Subprocess

/// The result of a program that has exited.
package struct ProgramRun: Sendable {
    /// The exit status; for a program terminated by a signal, the signal's number.
    package let status: Int32
    /// The standard output, as UTF-8.
    package let output: String
    /// The standard error, as UTF-8.
    package let errors: String
}

/// A program that did not exit in time and was killed.
package struct ProgramTooLate: Error, CustomStringConvertible {
    package let description: String

    fileprivate init(_ program: [String], _ limit: Duration, output: String, errors: String) {
        description = """
            `\(program.joined(separator: " "))` did not end within \(limit). The end of its output:
            \(output.suffix(1_000))
            \(errors.suffix(3_000))
            """
    }
}

/// Runs a program until it exits, with at most 64 MiB of output.
///
/// - Parameters:
///   - environment: the complete environment; nil for that of this process.
///   - limit: the maximum run time, after which it is killed.
///   - meanwhile: runs concurrently and receives the process id. It is cancelled when the time is over.
/// - Throws: ``ProgramTooLate``, or what swift-subprocess throws for a program that cannot be started.
package func runProgram(
    _ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil, folder: String? = nil,
    within limit: Duration = .seconds(300), meanwhile: @escaping @Sendable (Int32) async -> Void = { _ in }
) async throws -> ProgramRun {
    let variables = environment?.map { (Environment.Key(stringLiteral: $0), $1) }
    let result = try await Subprocess.run(
        .path(.init(executable)), arguments: Arguments(arguments),
        environment: variables.map { .custom(Dictionary($0, uniquingKeysWith: { $1 })) } ?? .inherit,
        workingDirectory: folder.map { .init($0) }, input: .none, output: .string(limit: 64 << 20),
        error: .string(limit: 64 << 20)
    ) { await wasKilled($0.processIdentifier.value, after: limit, meanwhile) }
    if result.closureResult {
        throw ProgramTooLate(
            [executable] + arguments, limit, output: result.standardOutput, errors: result.standardError)
    }
    let status: Int32 =
        switch result.terminationStatus {
        case .exited(let code): code
        case .signaled(let signal): Int32(signal)
        }
    return ProgramRun(status: status, output: result.standardOutput, errors: result.standardError)
}

/// Waits for the end of `meanwhile` and of the program; kills the program at the limit. Returns whether it did.
private func wasKilled(
    _ pid: Int32, after limit: Duration, _ meanwhile: @escaping @Sendable (Int32) async -> Void
) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
        group.addTask {
            await meanwhile(pid)
            // swift-subprocess does not report the exit before its body returns.
            while isRunning(pid), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(10)) }
            return false
        }
        group.addTask {
            guard (try? await Task.sleep(for: limit)) != nil else { return false }
            // The child is reaped only after the body, so that the id is not reused.
            kill(pid, SIGKILL)
            return true
        }
        defer { group.cancelAll() }
        return await group.next() ?? false
    }
}

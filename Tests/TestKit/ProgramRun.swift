import Foundation
import Subprocess

/// A program that was run to its end.
package struct ProgramRun: Sendable {
    /// The exit status; of a program that a signal ended, the signal's number.
    package let status: Int32
    package let output: String
    package let errors: String
}

/// A program that did not end in time and was killed.
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

/// Runs a program to its end, with at most 64 MiB of output.
///
/// - Parameters:
///   - environment: all of it; nil for that of this process.
///   - limit: how long it may run; then it is killed.
///   - meanwhile: runs beside the program and gets its process id. It is cancelled when the time is over.
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

/// Waits for the end of `meanwhile` and of the program; kills the program when the time is over first.
private func wasKilled(
    _ pid: Int32, after limit: Duration, _ meanwhile: @escaping @Sendable (Int32) async -> Void
) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
        group.addTask {
            await meanwhile(pid)
            // swift-subprocess says nothing of the end before its body returns.
            while isRunning(pid), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(10)) }
            return false
        }
        group.addTask {
            guard (try? await Task.sleep(for: limit)) != nil else { return false }
            // Reaped after the body only, so the id is nobody else's.
            kill(pid, SIGKILL)
            return true
        }
        defer { group.cancelAll() }
        return await group.next() ?? false
    }
}

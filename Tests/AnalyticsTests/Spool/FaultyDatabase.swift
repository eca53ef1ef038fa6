import Foundation
import NIOConcurrencyHelpers

@testable import Analytics

/// A real database with faults that a test injects.
final class FaultyDatabase: SQLDatabase {
    /// The injected fault.
    enum Trouble: Sendable, Equatable {
        /// Fails each call as unavailable.
        case away
        /// Delays each call until the fault is removed, then executes it.
        case slow
        /// Executes the next write, fails it as `commitUnknown`, then behaves as `away`.
        case losesTheAnswer
        /// Executes the next autocommit statement and fails it as a timeout, then works again.
        case answersTooLate
        /// Fails the next autocommit statement as unavailable, after another one was executed if one comes within
        /// 0.3 s; then works again.
        case failsAfterAnother
    }

    private let real: any SQLDatabase
    private let box = NIOLockedValueBox<Trouble?>(nil)
    private let refusals = NIOLockedValueBox(0)
    private let executions = NIOLockedValueBox(0)

    init(_ real: any SQLDatabase) { self.real = real }

    var trouble: Trouble? {
        get { box.withLockedValue { $0 } }
        set { box.withLockedValue { $0 = newValue } }
    }

    /// The number of write transactions that the real database has refused.
    var refusedWrites: Int { refusals.withLockedValue { $0 } }

    var dialect: SQLDialect { real.dialect }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await suffer()
        return try await real.read(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        if trouble == .losesTheAnswer {
            trouble = .away
            _ = try await real.write(body)
            throw StoreError(.commitUnknown, "the answer was lost")
        }
        return try await enduring { [refusals] database in
            do {
                return try await database.write(body)
            } catch {
                refusals.withLockedValue { $0 += 1 }
                throw error
            }
        }
    }

    func autocommit<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        if trouble == .answersTooLate {
            trouble = nil
            _ = try await real.autocommit(body)
            throw StoreError(.timeout, "the answer came too late")
        }
        if trouble == .failsAfterAnother {
            trouble = nil
            let end = ContinuousClock.now + .milliseconds(300)
            while executions.withLockedValue({ $0 }) == 0, .now < end { await Self.pause() }
            throw StoreError(.unavailable, "the test failed this statement")
        }
        defer { executions.withLockedValue { $0 += 1 } }
        return try await enduring { try await $0.autocommit(body) }
    }

    /// Runs the work in a task of its own: a statement in progress goes on after its caller has timed out.
    private func enduring<Value: Sendable>(
        _ work: @escaping @Sendable (any SQLDatabase) async throws -> Value
    ) async throws -> Value {
        try await suffer()
        let real = real
        return try await Task { try await work(real) }.value
    }

    func ping() async throws {
        try await suffer()
        try await real.ping()
    }

    func close() async { await real.close() }

    private func suffer() async throws {
        switch trouble {
        case .away, .losesTheAnswer: throw StoreError(.unavailable, "the test took the store away")
        case .slow:
            // Ignores cancellation, as a statement in progress goes on.
            while trouble == .slow { await Self.pause() }
        case .answersTooLate, .failsAfterAnother, nil: break
        }
    }

    /// Ignores cancellation.
    private static func pause() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + 0.01) { continuation.resume() }
        }
    }
}

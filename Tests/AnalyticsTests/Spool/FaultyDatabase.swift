import Foundation
import NIOConcurrencyHelpers

@testable import Analytics

/// A real database that a test takes away and gives back.
final class FaultyDatabase: SQLDatabase {
    enum Trouble: Sendable, Equatable {
        /// Refuses everything.
        case away
        /// Says nothing until the trouble is over, then does it all the same.
        case slow
        /// Does the next write and loses the answer, then is away.
        case losesTheAnswer
        /// Does the next statement that stands alone and answers when its caller waits no longer, then is well.
        case answersTooLate
    }

    private let real: any SQLDatabase
    private let box = NIOLockedValueBox<Trouble?>(nil)
    private let refusals = NIOLockedValueBox(0)

    init(_ real: any SQLDatabase) { self.real = real }

    var trouble: Trouble? {
        get { box.withLockedValue { $0 } }
        set { box.withLockedValue { $0 = newValue } }
    }

    /// How many transactions that write the real database has refused.
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
        return try await enduring { try await $0.autocommit(body) }
    }

    /// A statement that is under way is not stopped by whoever no longer waits for it.
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
            // Not cut short by a cancellation: a statement that is under way goes on.
            while trouble == .slow {
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().asyncAfter(deadline: .now() + 0.01) { continuation.resume() }
                }
            }
        case .answersTooLate, nil: break
        }
    }
}

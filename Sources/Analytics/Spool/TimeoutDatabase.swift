import Bridge

/// Adds a limit to every call of a database that has no limits of its own, see ``StoreTimeout``.
struct TimeoutDatabase<Base: SQLDatabase>: SQLDatabase {
    private let base: Base
    private let limit: Duration

    init(_ base: Base, _ limit: Duration) {
        self.base = base
        self.limit = limit
    }

    var dialect: SQLDialect { base.dialect }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await StoreTimeout.run(limit) { try await base.read(body) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await StoreTimeout.run(limit) { try await base.write(body) }
    }

    func autocommit<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await StoreTimeout.run(limit) { try await base.autocommit(body) }
    }

    func ping() async throws { try await StoreTimeout.run(limit) { try await base.ping() } }

    func close() async { await base.close() }
}

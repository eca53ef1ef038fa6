import Foundation
import TestKit
import Testing

@testable import Analytics

/// The two databases on which the tests of the store run.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
    case sqlite, postgres

    var testDescription: String { rawValue }

    /// Runs the body with the location of a new, empty store. SQLite's file is removed afterwards.
    func withLocation(_ body: (StoreLocation) async throws -> Void) async throws {
        switch self {
        case .sqlite:
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            // The store makes the folder of its file.
            try await body(.sqlite(folder.url.appending(path: "data/omni.db").path))
        case .postgres:
            let url = try await PrivatePostgres.database()
            try await body(try StoreLocation(databaseURL: url, dataFolder: ""))
        }
    }

    /// Runs the body with an empty, migrated store and closes it.
    func withStore(_ body: (Store) async throws -> Void) async throws {
        try await withStores(1) { try await body($0[0]) }
    }

    /// Runs the body with several stores over one database, as several processes have them.
    func withStores(_ count: Int, _ body: ([Store]) async throws -> Void) async throws {
        try await withLocation { location in
            var stores: [Store] = []
            var failure: (any Error)?
            do {
                for _ in 0..<count { stores.append(try await Store.open(location)) }
                try await body(stores)
            } catch {
                failure = error
            }
            for store in stores { await store.close() }
            if let failure { throw failure }
        }
    }
}

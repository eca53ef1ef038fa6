import Analytics
import Bridge
import Foundation
import TestKit
import Testing

@Suite("PostgreSQL over TLS", .timeLimit(.minutes(2)))
struct PostgresTLSTests {
    @Test("a server with a certificate of the configured root is connected, any other is refused with the reason")
    func verifiedServer() async throws {
        let cluster = try await PrivatePostgres.Cluster.make(tls: true)
        let url = try #require(cluster.tlsURL)
        let root = try #require(cluster.rootCertificate)
        let strange = try await cluster.strangeRootCertificate()

        let pool = try await makePool(url: "\(url)?sslmode=verify-full&sslrootcert=\(root)")
        #expect(try await pool.scalar("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == .bool(true))
        await pool.close()

        let refused = try await makePool(url: "\(url)?sslmode=verify-full&sslrootcert=\(strange)") {
            $0.waitLimit = .seconds(5)
        }
        let error = try await storeError { try await refused.ping() }
        #expect(error.code == .unavailable)
        #expect(error.message.contains("certificate verify failed"))
        await refused.close()

        let otherName = url.replacingOccurrences(of: "127.0.0.1", with: "localhost") + "?hostaddr=127.0.0.1"
        let misnamed = try await makePool(url: "\(otherName)&sslmode=verify-full&sslrootcert=\(root)") {
            $0.waitLimit = .seconds(5)
        }
        let mismatch = try await storeError { try await misnamed.ping() }
        #expect(mismatch.message.contains("does not match"))
        await misnamed.close()
        try await cluster.stop()
    }
}

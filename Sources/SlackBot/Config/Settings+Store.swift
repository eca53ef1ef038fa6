import Analytics
import Bridge

extension Settings {
    /// Throws ``StoreError`` for a `DATABASE_URL` that names no store.
    func storeLocation() throws -> StoreLocation {
        try StoreLocation(databaseURL: store.databaseURL?.revealed, dataFolder: dataFolder)
    }

    /// As ``AuditKey/load(variable:dataFolder:making:)``.
    func loadAuditKey(making: Bool) throws -> AuditKey? {
        try AuditKey.load(variable: auditKey, dataFolder: dataFolder, making: making)
    }
}

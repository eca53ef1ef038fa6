import Bridge
import CPostgres
import GRDB

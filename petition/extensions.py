"""The Flask extensions, unbound.

Imports only the leaves beneath it, so that everything may import it.
"""

from flask_login import LoginManager
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import MetaData

from petition.catalogues import Speaker
from petition.database import RoutingSession

# Batch migrations on SQLite can only drop a constraint that has a name.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

db = SQLAlchemy(
    metadata=metadata,
    session_options={"class_": RoutingSession, "expire_on_commit": False},
)
csrf = CSRFProtect()
mailer = Mail()
login = LoginManager()
babel = Speaker()

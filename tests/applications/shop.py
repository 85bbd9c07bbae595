"""What the web applications sell: rows in SQLite by SQLAlchemy, and one class that comes back."""

import json

from sqlalchemy import Column, Float, Integer, String, create_engine, select
from sqlalchemy.orm import declarative_base, sessionmaker
from sqlalchemy.pool import StaticPool

Base = declarative_base()
_unfinished = []


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    price = Column(Float)


class Upload:
    """Meant to be tried again when it was not finished."""

    def __init__(self, name):
        self.name = name
        self.parts = [b"x" * 100]

    def __del__(self):
        _unfinished.append(self)


engine = create_engine(
    "sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool
)
Session = sessionmaker(engine)


def fill():
    Base.metadata.create_all(engine)
    with Session.begin() as session:
        session.add_all(Item(name=f"item {number}", price=number / 4) for number in range(200))


def some_items(first):
    """Twenty items from `first` on, as the ORM gives them."""
    with engine.connect() as connection, Session(bind=connection) as session:
        rows = session.scalars(select(Item).where(Item.id > first).order_by(Item.id).limit(20))
        return [{"id": row.id, "name": row.name, "price": row.price} for row in rows]


def summary(payload):
    """Cycles and exceptions, as a request makes them."""
    order = {"lines": [], "total": 0}
    for line in json.loads(payload):
        order["lines"].append({"order": order, "price": line["price"]})
        order["total"] += line["price"]
    try:
        order["customer"].strip()
    except KeyError as error:
        order["error"] = error
    return {"total": order["total"], "lines": len(order["lines"])}


def begin_upload(name):
    Upload(name)


fill()
